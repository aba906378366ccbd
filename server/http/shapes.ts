import { z } from 'zod';
import { isDate, isMoment } from '../../domain/calendar/dates.js';
import type { LocalDate, Moment, ObligationId, ProcessId, UnitId, UserId } from '../../domain/model/ids.js';

/** Gives a checked text its brand; the published schema stays a string. */
const branded = <T extends string>(schema: z.ZodString): z.ZodType<T, string> =>
  schema as z.ZodType<string, string> as z.ZodType<T, string>;
const surrogate = <T extends string>(prefix: string, title: string): z.ZodType<T, string> =>
  branded<T>(
    z
      .string()
      .regex(new RegExp(`^${prefix}\\d{1,15}$`), `${title}: ${prefix}1`)
      .meta({ description: title, example: `${prefix}17` }),
  );

export const unitId = surrogate<UnitId>('u', '单位编号 unit id');
export const userId = surrogate<UserId>('p', '用户编号 user id');
export const processId = surrogate<ProcessId>('c', '工作编号 campaign id');
export const worldId = z.string().regex(/^(real|w\d{1,15})$/, 'real, w1');
export const importId = z.string().regex(/^[if]\d{1,15}$/, 'i1');
export const obligationId = branded<ObligationId>(
  z
    .string()
    .min(3)
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'duty/unit@period'),
);

export const localDate = branded<LocalDate>(
  z
    .string()
    .max(10)
    .refine(isDate, '应为真实日期，如 2020-05-25；expected a real day, YYYY-MM-DD')
    .meta({ format: 'date', example: '2020-05-25' }),
);

export const localMoment = branded<Moment>(
  z
    .string()
    .max(19)
    .refine(isMoment, '应为真实时刻，如 2020-05-25T08:30:00；expected a real moment, YYYY-MM-DDTHH:MM:SS')
    .meta({ example: '2020-05-25T08:30:00' }),
);

/** Printable text on one line, without leading or trailing space. */
export const line = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\S(?:[^\p{Cc}]*\S)?$/u, '不能含控制字符，首尾不能有空格；one line without leading or trailing space');
/** Free text, line breaks allowed. */
export const note = (max: number): z.ZodString => z.string().trim().min(1).max(max);

export const definitionId = z.string().regex(/^[a-z][a-z0-9-]{0,99}$/, 'lower case, digits, hyphens');
export const version = z.string().regex(/^[A-Za-z0-9][\w.-]{0,49}$/);
/** Ids inside a definition. */
export const elementId = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,99}$/, 'an id of the definition');
/** A value of a parameter or field: text, exact number or yes/no; money in fen. */
export const value = z.union([z.string().max(4000), z.number(), z.boolean()]);
export const values = z.record(elementId, value);
/** The text of a boolean in a query. */
export const yes = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Money. */
export const fen = z.int().meta({ description: '分 fen' });
export const positiveFen = z.int().positive().meta({ description: '分 fen' });
