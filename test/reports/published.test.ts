import { expect, test } from '@jest/globals';
import { openApi } from '../../server/http/openapi.js';
import { reportRoutes } from '../../server/routes/reports.js';

test('every report is published with its media type, files as binary', () => {
  const text = JSON.stringify(openApi(reportRoutes, '0.1.0'));
  for (const media of ['image/png', 'text/csv', 'spreadsheetml.sheet']) expect(text).toContain(media);
  expect(text).toContain('"format":"binary"');
  expect(text).toContain('/reports/{campaign}/bulletins/{report}.xlsx');
});
