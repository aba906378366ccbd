import pg from 'pg';

/** What the server says when it ends a session's beginning as if somebody had cancelled it (`query_canceled`). */
const CANCELLED = '57014';
const TRIES = 5;

/**
 * Begins a session by `connect`, and once more where the server cancelled it before it began: seen twice in full test runs on new databases, with nobody who
 * cancels. Nothing has been asked of the server by then, so nothing can be done twice. Any other error is the caller's.
 */
export async function beginSession<T>(connect: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await connect();
    } catch (error) {
      if (tries === TRIES || !(error instanceof pg.DatabaseError) || error.code !== CANCELLED) throw error;
    }
}
