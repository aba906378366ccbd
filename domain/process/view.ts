import type { Act, Actor } from '../model/event.js';
import type { LocalDate } from '../model/ids.js';
import type { Setting } from '../model/setting.js';
import type { Amendment, Obligation } from '../model/state.js';
import { frameOf, type Frame } from './frame.js';
import { dutyOf, grantedTo, holds, partsOf, type GrantedAct } from './permissions.js';

/** What a person sees of an obligation besides its row: whose turn it is and which acts are open to them. */
export interface ObligationView {
  /** Roles that still owe their part. */
  readonly missingParts: readonly string[];
  readonly allowed: readonly Act['kind'][];
  /** Fields, papers and items that `done` asks for. */
  readonly asks: {
    readonly fields: readonly { readonly id: string; readonly title: string; readonly type: string }[];
    readonly evidence: readonly { readonly id: string; readonly title: string }[];
    readonly items: readonly { readonly id: string; readonly title: string; readonly ticked: boolean }[];
    readonly nil: boolean;
  };
  readonly daysLeft: number | null;
}

const CLOCK: readonly GrantedAct[] = ['waive', 'extend', 'suspend', 'unsuspend'];

/** Derived from the same rules that `step` applies: what is not listed here is refused there. */
export function viewObligation(
  setting: Setting,
  amendments: readonly Amendment[],
  obligation: Obligation,
  actor: Actor,
  daysLeft: (due: LocalDate) => number,
): ObligationView {
  const frame = frameOf(setting, amendments);
  const duty = obligation.origin.kind === 'duty' ? frame.definition.duties[obligation.origin.duty] : undefined;
  return {
    missingParts: obligation.owes.filter((role) => !obligation.parts.some((part) => part.role === role)),
    allowed: [...workActs(frame, obligation, actor), ...clockActs(frame, obligation, actor)],
    asks: {
      fields: (duty?.fields ?? []).map(({ id, title, type }) => ({ id, title, type })),
      evidence: (duty?.evidence ?? []).map((id) => ({ id, title: frame.definition.papers[id]?.title ?? id })),
      items: Object.entries(duty?.items ?? {}).map(([id, title]) => ({ id, title, ticked: obligation.ticked.includes(id) })),
      nil: duty?.nil === 'explicit',
    },
    daysLeft: obligation.due === null ? null : daysLeft(obligation.due),
  };
}

function workActs(frame: Frame, obligation: Obligation, actor: Actor): readonly Act['kind'][] {
  if (obligation.round !== undefined) return [];
  if ((obligation.status !== 'open' && obligation.status !== 'waiting') || partsOf(frame, actor, obligation).length === 0) return [];
  const { origin } = obligation;
  switch (origin.kind) {
    case 'duty':
      return Object.keys(frame.definition.duties[origin.duty]?.items ?? {}).length > 0 ? ['done', 'tick'] : ['done'];
    case 'case':
      return ['step'];
    case 'confirm':
      return ['release', 'drop'];
    case 'receive':
    case 'reply':
      return [origin.kind];
    case 'check':
      return ['strike', 'sendBack'];
    default: {
      const never: never = origin;
      return never;
    }
  }
}

function clockActs(frame: Frame, obligation: Obligation, actor: Actor): readonly Act['kind'][] {
  const granted = (act: GrantedAct): boolean =>
    grantedTo(frame, act, dutyOf(obligation)).some((role) => holds(frame, actor, role, obligation.unit));
  if (obligation.status === 'beforeLaunch') return granted('markBeforeLaunch') ? ['markBeforeLaunch'] : [];
  if (obligation.status !== 'open' && obligation.status !== 'waiting') return [];
  return CLOCK.filter((act) => granted(act) && fits(act, obligation));
}

const fits = (act: GrantedAct, { suspended, status, origin }: Obligation): boolean =>
  act === 'waive'
    ? origin.kind !== 'confirm' && origin.kind !== 'check'
    : act === 'extend'
      ? suspended === null
      : act === 'suspend'
        ? suspended === null && status === 'open'
        : act === 'unsuspend'
          ? suspended !== null
          : true;
