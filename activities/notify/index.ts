import { smtpChannel } from '../adapters/smtp.js';
import { webhookChannel } from '../adapters/webhook.js';
import type { OutsideChannel } from './channels.js';

export { dispatchNotices } from './dispatch.js';
export { sendMessages } from './send.js';
export type { OutsideChannel } from './channels.js';

/** Outside channels that the settings name; without any, notices stay in the system's inbox. */
export function channelsOf(settings: {
  readonly smtpUrl?: string | undefined;
  readonly mailFrom?: string | undefined;
  readonly webhookUrl?: string | undefined;
  readonly webhookSecret?: string | undefined;
}): readonly OutsideChannel[] {
  const { smtpUrl, mailFrom, webhookUrl, webhookSecret } = settings;
  return [
    ...(smtpUrl !== undefined && mailFrom !== undefined ? [smtpChannel(smtpUrl, mailFrom)] : []),
    ...(webhookUrl !== undefined && webhookSecret !== undefined ? [webhookChannel(webhookUrl, webhookSecret)] : []),
  ];
}
