export { IMPORT_KINDS, type ImportKind } from '../../domain/model/import-kind.js';
export { ImportRefusal, tellRowProblem, type ImportRefusalCode, type RowProblem } from './problem.js';
export { importProfileSchema, readProfile, type ImportProfile } from './profile.js';
export { getProfile, saveProfile } from './profiles.js';
export { previewImport } from './preview.js';
export { runImport, type ImportResult } from './run.js';
export type { ImportRequest, ImportSender } from './context.js';
export type { ImportSource } from './source.js';
