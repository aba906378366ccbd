export { step, initialState, CORE_REVISION } from './step.js';
export { pack, unpack, type Carried } from './carried.js';
export { frameOf } from './frame.js';
export { viewObligation } from './view.js';
export { viewCase, type CaseView } from './case-view.js';
export { explainDue } from './explain.js';
export { confirmRefusal, confirmsRun, runRefusal, settlementRefusal } from './run-permission.js';
