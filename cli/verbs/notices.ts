import type { Command } from 'commander';
import { z } from 'zod';
import type { Common, Context } from '../context.js';
import { EXIT, Failure, wrongUsage } from '../failure.js';
import { listOf } from '../pages.js';
import { clean } from '../print/clean.js';
import { table } from '../print/table.js';
import { worldLine } from '../print/world.js';
import { countLine } from '../run.js';
import { ofCampaign } from '../sending.js';
import { read } from '../shape.js';
import { bothTexts, head, nothing, say, stateText } from '../texts.js';
import { verb, worldOption, type Open } from '../verb.js';

const message = z.object({
  id: z.string(),
  campaign: z.string(),
  campaignTitle: z.string(),
  world: z.string(),
  subject: z.string(),
  body: z.string(),
  sendAt: z.string(),
  readAt: z.string().nullable(),
});
type Message = z.infer<typeof message>;
const notice = z.object({
  id: z.string(),
  obligation: z.string().nullable(),
  unitName: z.string(),
  roleTitle: z.string(),
  text: z.string(),
  words: bothTexts.nullable(),
  sendAt: z.string(),
  status: z.string(),
});

/** So much of a message's id tells it from the others of one person. */
const SHORT = 8;

interface NoticesOptions extends Common {
  readonly all?: boolean;
  readonly unread?: boolean;
  readonly world?: string;
}

/** What was told to whom, and reading it. */
export function registerNotices(program: Command, open: Open): void {
  const notices = verb(
    program,
    'notices [campaign]',
    '我的通知；给出工作编号则看该工作发出和待发的通知',
    'my notices; with a campaign, what it sent and will send',
  )
    .option('--unread', '只看未读的（我的通知）  only those not read')
    .option('--all', '列出全部  all pages')
    .addOption(worldOption())
    .action((campaign: string | undefined, options: NoticesOptions) =>
      campaign === undefined ? listMine(open(options), options) : listSent(open(options), campaign, options),
    );
  verb(
    notices,
    'read [ids...]',
    '看全文并标为已读（编号可只写开头几位）',
    'show in full and mark as read; the beginning of an id will do',
    true,
  )
    .option('--all-unread', '全部未读的  all that are not read')
    .addOption(worldOption())
    .action((ids: string[], options: ReadOptions) => readThem(open(options), ids, options));
}

async function listMine(context: Context, options: NoticesOptions): Promise<void> {
  const { language } = context;
  const query = { unread: options.unread, world: options.world };
  const found = await listOf(context.api, '/notices', message, query, options.all === true);
  context.result(found.items, () =>
    found.items.length === 0
      ? worldLine(found.world, language) + nothing('没有通知。', 'There are no notices.', language)
      : worldLine(found.world, language) +
        table(
          [
            { head: head('时间', 'at', language), cell: (row) => row.sendAt.replace('T', ' ') },
            { head: head('已读', 'read', language), cell: (row) => (row.readAt === null ? '' : '✓') },
            { head: head('工作', 'campaign', language), cell: (row) => row.campaignTitle, most: 30 },
            { head: head('内容', 'text', language), cell: (row) => row.body, most: 80 },
            { head: head('编号', 'id', language), cell: (row) => row.id.slice(0, SHORT) },
          ],
          found.items,
        ) +
        countLine(found.items.length, found.more, language),
  );
}

async function listSent(context: Context, campaign: string, options: NoticesOptions): Promise<void> {
  const { language } = context;
  if (options.unread === true || options.world !== undefined)
    throw wrongUsage(
      'bad-notices',
      '--unread 和 --world 用于我的通知，不与工作编号同用。',
      '--unread and --world are for my own notices, without a campaign.',
    );
  const found = await listOf(context.api, ofCampaign(campaign, 'notices'), notice, {}, options.all === true);
  context.result(found.items, () =>
    found.items.length === 0
      ? nothing('还没有发出或待发的通知。', 'Nothing was sent yet and nothing waits.', language)
      : table(
          [
            { head: head('时间', 'at', language), cell: (row) => row.sendAt.replace('T', ' ') },
            { head: head('单位', 'unit', language), cell: (row) => row.unitName },
            { head: head('岗位', 'role', language), cell: (row) => row.roleTitle },
            { head: head('内容', 'text', language), cell: (row) => textOf(row, context), most: 64 },
            { head: head('事项', 'obligation', language), cell: (row) => (row.obligation === null ? '' : `${campaign}:${row.obligation}`) },
            { head: head('状态', 'state', language), cell: (row) => stateText(row.status, language) },
          ],
          found.items,
        ) + countLine(found.items.length, found.more, language),
  );
}

/** One language is enough in a cell: Chinese unless English is asked for. */
const textOf = ({ words, text }: z.infer<typeof notice>, { language }: Context): string =>
  words === null ? text : words[language === 'en' ? 'en' : 'zh'];

interface ReadOptions extends Common {
  readonly allUnread?: boolean;
  readonly world?: string;
}

async function readThem(context: Context, ids: readonly string[], options: ReadOptions): Promise<void> {
  if ((ids.length === 0) !== (options.allUnread === true))
    throw wrongUsage('bad-notices', '请写出通知编号，或用 --all-unread。', 'Give the ids of notices, or --all-unread.');
  const { items } = await listOf(context.api, '/notices', message, { unread: options.allUnread, world: options.world }, true);
  const chosen = options.allUnread === true ? items : ids.map((id) => oneOf(items, id));
  const shown: Message[] = [];
  for (const { id, ...rest } of chosen)
    shown.push(
      context.dryRun ? { id, ...rest } : read(message, await context.api.post(`/notices/${encodeURIComponent(id)}/read`, undefined)),
    );
  context.result(context.dryRun ? { dryRun: true, messages: shown } : shown, () =>
    shown.length === 0
      ? nothing('没有未读的通知。', 'Nothing is unread.', context.language)
      : `${context.dryRun ? `${say({ zh: '（试运行，未标为已读）', en: '(dry run, nothing is marked)' }, context.language)}\n` : ''}${shown.map(fullText).join('\n')}`,
  );
}

const fullText = ({ sendAt, campaignTitle, world, body }: Message): string =>
  [
    `${sendAt.replace('T', ' ')}  ${clean(campaignTitle)}${world === 'real' ? '' : `（${world}）`}`,
    ...body.split('\n').map((line) => `  ${clean(line)}`),
    '',
  ].join('\n');

function oneOf(messages: readonly Message[], beginning: string): Message {
  const found = messages.filter(({ id }) => id.startsWith(beginning));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new Failure(
    EXIT.refused,
    first === undefined ? 'notice-unknown' : 'notice-ambiguous',
    first === undefined
      ? { zh: `没有编号以 ${beginning} 开头的通知。`, en: `No notice of yours begins with ${beginning}.` }
      : { zh: `有多条通知的编号以 ${beginning} 开头，请多写几位。`, en: `Several notices begin with ${beginning}: give more of the id.` },
    { zh: '看编号：npx duban notices --all（演练另加 --world）', en: 'See the ids: npx duban notices --all, with --world for a rehearsal' },
  );
}
