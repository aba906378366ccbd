import { createTransport } from 'nodemailer';
import type { OutsideChannel } from '../notify/channels.js';

const TIMEOUT_MS = 15_000;

/** Mail over SMTP. The message id becomes the mail's Message-ID, so that a mail handed over twice is recognised. */
export function smtpChannel(url: string, from: string): OutsideChannel {
  const transport = createTransport(url, { from });
  const host = from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-]/g, '') || 'duban';
  return {
    name: 'email',
    addressOf: ({ email }) => email,
    async send({ id, to, subject, body }) {
      await withTimeout(transport.sendMail({ to, subject, text: body, messageId: `<${id}@${host}>` }));
    },
  };
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
