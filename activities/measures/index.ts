export { measure, measureActivities, presentFigures } from './measure.js';
export { recount, refreshTallies, type TallyTarget } from './keep-tallies.js';
