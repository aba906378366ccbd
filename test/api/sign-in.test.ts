import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { As } from './support/client.js';
import { addPerson, PASSWORD, signIn, stage, type Stage } from './support/stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
}, 180_000);
afterAll(() => on.stop());

describe('set-up', () => {
  test('given a county that is set up, when the operator sets it up again, then it is refused', async () => {
    const again = await on.operator.post('/setup', { county: '另一县', administrator: { login: 'other', name: '另' } });
    expect([again.status, again.body.at('code').value]).toEqual([409, 'setup-done']);
  });
  test('nobody without the secrets of the machine sets up', async () => {
    const answer = await new As(on.url, 'x'.repeat(64)).post('/setup', { county: '县', administrator: { login: 'eve', name: '夏' } });
    expect([answer.status, answer.body.at('code').value]).toEqual([401, 'not-signed-in']);
  });
});

describe('sign-in', () => {
  test('unknown login and wrong password are answered alike', async () => {
    const [wrong, unknown] = [
      await on.nobody.post('/sessions', { login: 'admin', password: 'falsch-falsch' }),
      await on.nobody.post('/sessions', { login: 'nobody-here', password: 'falsch-falsch' }),
    ];
    expect(wrong.status).toBe(401);
    expect(wrong.body.at('code').value).toBe('sign-in-failed');
    expect(unknown.status).toBe(401);
    expect(unknown.body.at('zh').value).toEqual(wrong.body.at('zh').value);
  });

  test('given a first password, then nothing works before it is changed, and it works once changed', async () => {
    const added = await on.admin.post('/users', { login: 'first', name: '初次' });
    const user = await signIn(on.nobody, 'first', added.body.at('firstPassword').text);
    const early = await user.get('/units');
    expect([early.status, early.body.at('code').value]).toEqual([403, 'password-change-required']);
    expect((await user.get('/users/me')).body.at('mustChangePassword').value).toBe(true);
    const weak = await user.post('/users/me/password', { old: added.body.at('firstPassword').text, new: 'kurz' });
    expect([weak.status, weak.body.at('code').value]).toEqual([422, 'password-too-weak']);
    const wrong = await user.post('/users/me/password', { old: 'nicht-dieses', new: PASSWORD });
    expect(wrong.status).toBe(401);
    expect((await user.post('/users/me/password', { old: added.body.at('firstPassword').text, new: PASSWORD })).status).toBe(204);
    expect((await user.get('/units')).status).toBe(200);
    expect((await on.nobody.post('/sessions', { login: 'first', password: added.body.at('firstPassword').text })).status).toBe(401);
  });

  test('given five wrong passwords, then even the right one is refused until an administrator unlocks', async () => {
    const { id } = await addPerson(on, 'locked', { role: 'clerk', unit: on.top });
    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push(await on.nobody.post('/sessions', { login: 'locked', password: 'falsch-falsch' }));
    expect(answers.map((answer) => answer.body.at('code').value)).toEqual([...Array<string>(4).fill('sign-in-failed'), 'account-locked']);
    const right = await on.nobody.post('/sessions', { login: 'locked', password: PASSWORD });
    expect([right.status, right.body.at('code').value]).toEqual([429, 'account-locked']);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await on.admin.post(`/users/${id}/unlock`)).status).toBe(204);
    expect((await on.nobody.post('/sessions', { login: 'locked', password: PASSWORD })).status).toBe(201);
  });

  test('given a sign-out, then the token is worth nothing', async () => {
    const user = await signIn(on.nobody, 'admin', PASSWORD);
    expect((await user.delete('/sessions/current')).status).toBe(204);
    expect((await user.get('/users/me')).status).toBe(401);
  });

  test('the cookie signs in a browser and is out of reach of scripts and other sites', async () => {
    const answer = await on.nobody.post('/sessions', { login: 'admin', password: PASSWORD });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^duban_session=/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const me = await on.nobody.get('/users/me', { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect(me.body.at('login').value).toBe('admin');
  });

  test('a token for scripts is shown once, works, and ends', async () => {
    const key = 'token-key-0001';
    const made = await on.admin.post('/users/me/tokens', { label: '每日导出', days: 30 }, { key });
    expect(made.status).toBe(201);
    const script = new As(on.url, made.body.at('token').text);
    expect((await script.get('/users/me')).body.at('login').value).toBe('admin');
    const repeated = await on.admin.post('/users/me/tokens', { label: '每日导出', days: 30 }, { key });
    expect([repeated.body.at('id').value, repeated.body.at('token').value]).toEqual([made.body.at('id').value, null]);
    expect((await on.admin.delete(`/users/me/tokens/${made.body.at('id').text}`)).status).toBe(204);
    expect((await script.get('/users/me')).status).toBe(401);
  });

  test('a disabled user is signed out at once', async () => {
    const { id, as } = await addPerson(on, 'leaver', { role: 'clerk', unit: on.top });
    const shown = await on.admin.get(`/users/${id}`);
    expect((await on.admin.patch(`/users/${id}`, { disabled: true }, shown.headers.get('etag') ?? '')).status).toBe(200);
    expect((await as.get('/users/me')).status).toBe(401);
    expect((await on.nobody.post('/sessions', { login: 'leaver', password: PASSWORD })).body.at('code').value).toBe('sign-in-failed');
  });

  test('no password, token or name of a person stands in the audit chain', async () => {
    const rows = await on.store.db.selectFrom('audit').select(['action', 'detail']).where('chain', '=', 'county').execute();
    expect(rows.map((row) => row.action)).toEqual(
      expect.arrayContaining(['county.setUp', 'user.added', 'password.changed', 'session.locked', 'token.made']),
    );
    const all = JSON.stringify(rows);
    expect(all).not.toContain(PASSWORD);
    expect(all).not.toContain('duban_');
    expect(all).not.toContain('人员');
  });
});
