/** The bench's bundle: the product's workflow and its floor, side by side in one worker. */
export { campaign } from '../workflows/index.js';
export { minimal } from './workflows/minimal.js';
