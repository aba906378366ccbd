export { measure, measureActivities } from './measure.js';
export { recount } from './keep-tallies.js';
