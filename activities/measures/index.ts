export { measure, measureActivities } from './measure.js';
export { recount } from './keep-tallies.js';
export { recountMissing } from './upkeep.js';
