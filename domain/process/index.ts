export { step, initialState, CORE_REVISION } from './step.js';
export { frameOf, type Frame } from './frame.js';
export { viewObligation, type ObligationView } from './view.js';
export { refusal, refusalCodes, type RefusalCode } from './refusals.js';
export { parseObligationId, obligationId, milestoneKey } from './obligation-ids.js';
export { rungMoments, rungsOf, noticeMoment } from './ladder.js';
export { grantedTo, holds } from './permissions.js';
export { explainDue } from './explain.js';
