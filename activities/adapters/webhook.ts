import { Webhook } from 'standardwebhooks';
import type { OutsideChannel } from '../notify/channels.js';

const TIMEOUT_MS = 15_000;

/**
 * A signed webhook (Standard Webhooks): the shape that SMS gateways and group robots sit behind. The other side gets the telephone number, the text
 * and an id that stays the same at each retry, and answers with 2xx when it has taken the message.
 */
export function webhookChannel(url: string, secret: string): OutsideChannel {
  const signer = new Webhook(secret);
  return {
    name: 'webhook',
    addressOf: ({ phone }) => phone,
    async send({ id, to, subject, body, mandatory }) {
      const timestamp = new Date();
      const payload = JSON.stringify({ type: 'notice', data: { to, subject, body, mandatory } });
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
          'webhook-signature': signer.sign(id, timestamp, payload),
        },
        body: payload,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
    },
  };
}
