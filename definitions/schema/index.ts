export { loadDefinition, type Loaded, type LoadOptions } from './load.js';
export { printProblem, type Problem, type ProblemCode } from './text/problem.js';
export { digestOf, canonical } from './publish/digest.js';
export type { ReadFile } from './resolve/book.js';
