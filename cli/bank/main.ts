import { run } from '../run.js';
import { processSurroundings } from '../surroundings.js';
import { registerBank } from './index.js';

process.exitCode = await run(process.argv.slice(2), processSurroundings(), [registerBank], {
  name: 'duban-bank',
  about: '演练银行：受理代扣请求、出回盘的虚构银行  a small invented bank that answers deduction files',
});
