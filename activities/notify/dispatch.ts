import { createHash } from 'node:crypto';
import { dateOf, epochToMoment } from '../../domain/calendar/dates.js';
import type { Fen, Moment, ProcessId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { formatYuan } from '../../domain/money/fen.js';
import { frameOf } from '../../domain/process/index.js';
import type { Db, Store, Trx } from '../../store/connection.js';
import { raiseIncident } from '../../store/incidents.js';
import { holdersOf, type Holder } from '../../store/messages/holders.js';
import { insertMessages, type NewMessage } from '../../store/messages/messages.js';
import { markOutbox, processesToSend, takeDue, type OutboxRow } from '../../store/outbox.js';
import type { PersonalDataKey } from '../../store/people/personal-data-key.js';
import { findProcess } from '../../store/processes.js';
import { personsTold } from '../../store/rows/persons.js';
import { getSetting } from '../../store/settings.js';
import { getWorld } from '../../store/worlds.js';
import { CARRIES, type OutsideChannel } from './channels.js';
import { digestOf, FieldMissing, renderText } from './render.js';

/** Outbox rows taken in one transaction. */
const BATCH = 2000;

interface Turn {
  readonly county: string;
  readonly process: ProcessId;
  readonly definition: string;
  readonly setting: Setting;
  readonly upTo: Moment;
  /** Outside channels; none in a virtual world: a played year must not reach a real telephone. */
  readonly channels: readonly OutsideChannel[];
  readonly key: Unsealing | null;
}

/** Reads what is kept sealed of a person; only the worker that sends can. */
type Unsealing = Pick<PersonalDataKey, 'decrypt'>;

/** A line for one person, made of one outbox row. */
interface Line {
  readonly row: OutboxRow;
  readonly holder: Holder;
  readonly text: string;
}

/**
 * Makes messages of all outbox rows whose time has come: persons are resolved now, several notices to one person at one time become one message
 * (each in its own line), and the rows are marked in the same transaction, so that a crash neither loses nor doubles one.
 */
export async function dispatchNotices(store: Store, channels: readonly OutsideChannel[], key: Unsealing | null = null): Promise<void> {
  for (const { county, process, world, upTo } of await processesToSend(store.db, epochToMoment(Date.now()))) {
    const row = await findProcess(store.db, county, process);
    if (row === null) continue;
    const { kind } = await getWorld(store.db, county, world);
    const turn: Turn = {
      county,
      process,
      definition: row.definition_id,
      setting: await settingOf(store.db, county, row.setting_digest),
      upTo,
      channels: kind === 'real' ? channels : [],
      key,
    };
    while ((await store.db.transaction().execute((trx) => dispatchBatch(trx, turn))) === BATCH);
  }
}

/** Settings are pinned by digest: one read serves for as long as it is in use. */
const settings = new Map<string, Setting>();
async function settingOf(db: Db, county: string, digest: Parameters<typeof getSetting>[2]): Promise<Setting> {
  const key = `${county} ${digest}`;
  const known = settings.get(key);
  if (known) return known;
  const setting = await getSetting(db, county, digest);
  if (settings.size >= 20) settings.clear();
  settings.set(key, setting);
  return setting;
}

async function dispatchBatch(trx: Trx, turn: Turn): Promise<number> {
  const rows = await takeDue(trx, turn.county, turn.process, turn.upTo, BATCH);
  if (rows.length === 0) return 0;
  const persons = await tellPersons(trx, turn, rows);
  const holders = await resolve(
    trx,
    turn,
    rows.filter(({ role }) => role !== PERSON),
  );
  const lines: Line[] = [];
  const marks: Record<'sent' | 'noHolder' | 'failed', string[]> = { sent: [], noHolder: [], failed: [] };
  for (const row of rows) {
    const told = row.role === PERSON ? persons.get(row.outbox_id) : undefined;
    const found = row.role === PERSON ? (told ? [told.holder] : []) : (holders.get(`${row.role}@${row.unit_id}`) ?? []);
    // What a case knows of its due is newer than what the due says.
    const fields = { ...told?.fields, ...row.fields };
    const text = turn.setting.definition.texts[row.text_id];
    try {
      if (text)
        for (const holder of found)
          lines.push({
            row,
            holder,
            text: numbered(renderText(turn.setting, text, fields, row.role, holder.language), row.rows, holder.language),
          });
      marks[found.length === 0 ? 'noHolder' : 'sent'].push(row.outbox_id);
    } catch (error) {
      if (!(error instanceof FieldMissing)) throw error;
      marks.failed.push(row.outbox_id);
      await raiseIncident(trx, {
        county: turn.county,
        process: turn.process,
        code: 'notice-field-missing',
        cause: `${error.text} {${error.field}}`,
        detail: { outbox: row.outbox_id },
      });
    }
  }
  await insertMessages(trx, turn.county, messagesOf(turn, lines));
  for (const status of ['sent', 'noHolder', 'failed'] as const) await markOutbox(trx, turn.county, turn.process, marks[status], status);
  return rows.length;
}

/** The reserved recipient: whom a row is about. */
const PERSON = 'person';

/** What speaks of many persons at once says how many; each of them is in the list. */
const numbered = (text: string, rows: number, language: Holder['language']): string =>
  rows <= 1 ? text : language === 'en' ? `${text} (${rows} persons)` : `${text}（共${rows}人）`;

/** Persons have no account and no inbox: they are reached by an outside channel that the text names, at the number of the roster, or not at all. */
async function tellPersons(
  trx: Trx,
  turn: Turn,
  rows: readonly OutboxRow[],
): Promise<ReadonlyMap<string, { readonly holder: Holder; readonly fields: Readonly<Record<string, string>> }>> {
  const mine = rows.filter(({ role }) => role === PERSON);
  const { key } = turn;
  if (mine.length === 0 || key === null || turn.channels.length === 0) return new Map();
  const known = new Map(
    (
      await personsTold(
        trx,
        turn.county,
        turn.process,
        mine.flatMap(({ obligation_id }) => obligation_id ?? []),
      )
    ).map((one) => [one.obligation, one]),
  );
  return new Map(
    mine.flatMap((row) => {
      const found = row.obligation_id === null ? undefined : known.get(row.obligation_id);
      if (!found) return [];
      const phone = found.phoneCipher === null ? null : key.decrypt(found.phoneCipher);
      const holder: Holder = { role: PERSON, unit: row.unit_id, user: found.person as UserId, language: 'zh', phone, email: null };
      const reached = waysTo(turn, { row, holder, text: '' }).length > 0;
      const fields = { name: found.name, amount: formatYuan(found.amount as Fen), short: formatYuan(found.short as Fen) };
      return reached ? [[row.outbox_id, { holder, fields }] as const] : [];
    }),
  );
}

/** Holders of each role at its unit. A role without a holder: the notice climbs to the leading role, and an incident says so. */
async function resolve(trx: Trx, turn: Turn, rows: readonly OutboxRow[]): Promise<ReadonlyMap<string, readonly Holder[]>> {
  const { county, definition, setting, upTo } = turn;
  const on = dateOf(upTo);
  const addresses = [...new Map(rows.map((row) => [`${row.role}@${row.unit_id}`, { role: row.role, unit: row.unit_id }])).values()];
  const leading = new Map(addresses.map(({ unit }) => [unit, frameOf(setting, []).addresses(setting.definition.leads, unit)]));
  const found = await holdersOf(trx, county, definition, [...addresses, ...[...leading.values()].flat()], on);
  const at = (role: string, unit: string): readonly Holder[] => found.filter((holder) => holder.role === role && holder.unit === unit);
  const holders = new Map<string, readonly Holder[]>();
  for (const { role, unit } of addresses) {
    const own = at(role, unit);
    const reached = own.length > 0 ? own : (leading.get(unit) ?? []).flatMap((lead) => at(lead.role, lead.unit));
    holders.set(`${role}@${unit}`, reached);
    if (own.length === 0)
      await raiseIncident(trx, {
        county,
        process: turn.process,
        code: 'role-without-holder',
        cause: `${role}@${unit}`,
        detail: { role, unit },
        owner: setting.definition.leads,
      });
  }
  return holders;
}

/** One message for each person, channel and time; its id says what it is made of. */
function messagesOf(turn: Turn, lines: readonly Line[]): readonly NewMessage[] {
  const groups = new Map<string, { readonly channel: string; readonly address: string | null; readonly lines: Line[] }>();
  for (const line of lines)
    for (const { channel, address } of waysTo(turn, line)) {
      const key = `${line.holder.user} ${channel} ${line.row.send_at}`;
      const group = groups.get(key) ?? { channel, address, lines: [] };
      // A person with two of the roles addressed hears it once.
      if (!group.lines.some(({ row, text }) => row.notice_id === line.row.notice_id && text === line.text)) group.lines.push(line);
      groups.set(key, group);
    }
  return [...groups.values()].flatMap(({ channel, address, lines: own }) => {
    const [first] = own;
    if (!first) return [];
    const ids = own.map(({ row }) => row.outbox_id).sort();
    const { subject, body } = digestOf(
      own.map(({ text }) => text),
      first.holder.language,
    );
    return [
      {
        message_id: createHash('sha256')
          .update([turn.county, turn.process, first.holder.user, channel, ...ids].join('\n'))
          .digest('hex')
          .slice(0, 32),
        process_id: turn.process,
        user_id: first.holder.user satisfies UserId,
        channel,
        address,
        subject,
        body,
        outbox_ids: ids,
        mandatory: own.some(({ row }) => row.mandatory),
        send_at: first.row.send_at,
        status: channel === 'inbox' ? ('sent' as const) : ('waiting' as const),
        sent_at: channel === 'inbox' ? first.row.send_at : null,
      },
    ];
  });
}

/** The in-app inbox always; outside channels where the text names them, they are set up, and the person can be reached. */
function waysTo(turn: Turn, { row, holder }: Line): readonly { readonly channel: string; readonly address: string | null }[] {
  const outside = new Set(row.via.flatMap((via) => CARRIES[via] ?? []));
  return [
    ...(holder.role === PERSON ? [] : [{ channel: 'inbox', address: null }]),
    ...turn.channels.flatMap((channel) => {
      const address = outside.has(channel.name) ? channel.addressOf(holder) : null;
      return address === null ? [] : [{ channel: channel.name, address }];
    }),
  ];
}
