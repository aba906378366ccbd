/** The runtime: starts, finds, examines and stops what one Duban runs on. */
export { up, type Running } from './up.js';
export { down, standing } from './down.js';
export { backup, restore } from './backup.js';
export { examine } from './doctor.js';
export { lookAtKeys, rotateKeys } from './keys.js';
export { readRunState } from './state.js';
export { ensureEngineBinary } from './engine/find.js';
export { homeArgument } from './strays.js';
export { ensureNamespace } from './engine/namespace.js';
export { readOperatorToken } from './operator.js';
export { removeDatabase } from './postgres/placement.js';
export { isReady } from './services.js';
export { isAlive, logTail, markOf, spawnDetached, stopProcess } from './process.js';
export { pathsOf, type Paths } from './paths.js';
export { RuntimeProblem, saySilently, sayToStderr } from './problem.js';
