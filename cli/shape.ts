import type { z } from 'zod';
import { EXIT, Failure } from './failure.js';

/**
 * Reads an answer of the API. Only what is printed is asked for; unknown members pass, so that a newer API does not break an older
 * command. Error: `answer-unexpected`.
 */
export function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`).join('; ');
  throw new Failure(
    EXIT.unreachable,
    'answer-unexpected',
    { zh: `接口的回答与本命令的版本不符（${places}）。`, en: `The API answers otherwise than this command expects (${places}).` },
    { zh: '请使用与服务同一版本的 duban 命令。', en: 'Use the duban command of the same version as the service.' },
  );
}
