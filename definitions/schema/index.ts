export { loadDefinition, type Loaded, type LoadOptions } from './load.js';
export { printProblem, problemCodes, type Problem, type ProblemCode } from './text/problem.js';
export { digestOf, canonical } from './publish/digest.js';
export { releaseKey, type Released } from './publish/release.js';
export { launchQuestions, elementsOf, type Given, type Question, type QuestionKind } from './launch.js';
export { clauseMap, type ClauseMap } from './clauses.js';
export { readValue } from './resolve/values.js';
export type { ReadFile } from './resolve/book.js';
