import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { openStore } from '../../store/connection.js';
import { freshDatabase } from '../support/runtime.js';

/** The server's message that ends a session before it began. */
function fatal(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0canceling statement due to user request\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Stands before the real database and ends the first sessions as the server does; all later ones reach it. */
async function gateBefore(
  url: string,
  refused: { readonly code: string; readonly sessions: number },
): Promise<{ url: string; asked: () => number; server: Server }> {
  const behind = new URL(url);
  let asked = 0;
  const server = createServer((socket: Socket) => {
    asked += 1;
    socket.on('error', () => undefined);
    if (asked <= refused.sessions) {
      socket.once('data', () => socket.end(fatal(refused.code)));
      return;
    }
    const through = connect(Number(behind.port), behind.hostname);
    through.on('error', () => socket.destroy());
    socket.pipe(through).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const before = new URL(url);
  before.hostname = '127.0.0.1';
  before.port = String((server.address() as AddressInfo).port);
  return { url: before.href, asked: () => asked, server };
}

const ask = async (refused: { readonly code: string; readonly sessions: number }) => {
  const database = await freshDatabase();
  const gate = await gateBefore(database.url, refused);
  const store = openStore(gate.url, 1);
  try {
    const answer = await store.db
      .selectFrom('counties')
      .select('county_id')
      .execute()
      .then(
        (rows) => ({ rows: rows.length }),
        (error: unknown) => ({ code: (error as { code?: string }).code }),
      );
    return { answer, asked: gate.asked() };
  } finally {
    await store.close();
    gate.server.close();
    await database.drop();
  }
};

describe('a session that the server ends before it begins', () => {
  test('as cancelled: begun once more, nobody notices', async () => {
    expect(await ask({ code: '57014', sessions: 2 })).toEqual({ answer: { rows: 0 }, asked: 3 });
  });

  test('as cancelled, again and again: the error is told after five', async () => {
    expect(await ask({ code: '57014', sessions: 99 })).toEqual({ answer: { code: '57014' }, asked: 5 });
  });

  test('for any other reason: told at once', async () => {
    expect(await ask({ code: '28P01', sessions: 99 })).toEqual({ answer: { code: '28P01' }, asked: 1 });
  });
});
