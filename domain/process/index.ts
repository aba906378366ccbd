export { step, initialState, CORE_REVISION } from './step.js';
export { frameOf } from './frame.js';
export { viewObligation } from './view.js';
export { explainDue } from './explain.js';
