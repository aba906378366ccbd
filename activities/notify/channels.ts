import type { Holder } from '../../store/messages/holders.js';

/** Ways out of the house. The in-app inbox needs none: the message is there when it is stored. */
export interface OutsideChannel {
  readonly name: 'email' | 'webhook';
  /** Where this person is reached; null = not by this channel. */
  addressOf(holder: Holder): string | null;
  /** Hands one message over. `id` is the same at each retry, so that the other side can drop a repeat. Throws when it was not taken. */
  send(message: {
    readonly id: string;
    readonly to: string;
    readonly subject: string;
    readonly body: string;
    readonly mandatory: boolean;
  }): Promise<void>;
}

/** Which outside channel carries which `via` of a text: sms and group robots sit behind the signed webhook. */
export const CARRIES: Readonly<Record<string, OutsideChannel['name'] | null>> = {
  inbox: null,
  paper: null,
  email: 'email',
  sms: 'webhook',
  webhook: 'webhook',
};
