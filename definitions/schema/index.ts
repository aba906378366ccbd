export { loadDefinition, type Loaded } from './load.js';
export { printProblem, problemCodes, type Problem } from './text/problem.js';
export { releaseKey } from './publish/release.js';
export { launchQuestions, type Given, type Question, type QuestionKind } from './launch.js';
export { clauseMap } from './clauses.js';
export { readValue } from './resolve/values.js';
export type { ReadFile } from './resolve/book.js';
