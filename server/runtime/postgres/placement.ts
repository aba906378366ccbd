import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { homeHash, type Paths } from '../paths.js';
import { messageOf, RuntimeProblem } from '../problem.js';
import { databaseUser, packagedBinaries, type Binaries, type SystemUser } from './binaries.js';

/** Where the embedded database's programs and files are, and as whom it runs. */
export type Placement = {
  readonly binaries: Binaries;
  /** The folder above the cluster's data, owned by the database's user. */
  readonly folder: string;
  readonly data: string;
  readonly user: SystemUser | null;
};

/** Outside the checkout, for root only: a folder that every user can enter. */
const SHARED = '/var/lib/duban';

const pointerSchema = z.object({ folder: z.string() });

/**
 * Places the database. An ordinary user has all of it below `.duban`. Root has it there too while the user that the
 * database runs as can enter; else data and a copy of the programs go below /var/lib/duban, and `.duban/postgres.json`
 * says so. Once placed, data stays where it is.
 */
export function placeDatabase(paths: Paths): Placement {
  const packaged = packagedBinaries();
  const user = databaseUser();
  if (user === null) {
    const folder = join(paths.home, 'postgres');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return { binaries: packaged, folder, data: join(folder, 'data'), user };
  }
  const folder = pointedFolder(paths) ?? chooseFolder(paths, user);
  own(folder, user);
  const binaries = canRun(packaged, user) ? packaged : copyBinaries(packaged, user);
  return { binaries, folder, data: join(folder, 'data'), user };
}

/** Where the database's files are, without placing or changing anything; null when there are none. */
export function placedFolder(paths: Paths): string | null {
  const folder = pointedFolder(paths) ?? join(paths.home, 'postgres');
  return existsSync(folder) ? folder : null;
}

/** Removes the files of a home that is given up (tests). */
export function removeDatabase(paths: Paths): void {
  const folder = placedFolder(paths);
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

function pointedFolder(paths: Paths): string | null {
  if (!existsSync(paths.placementFile)) return null;
  const parsed = pointerSchema.safeParse(JSON.parse(readFileSync(paths.placementFile, 'utf8')));
  return parsed.success ? parsed.data.folder : null;
}

function chooseFolder(paths: Paths, user: SystemUser): string {
  const inside = join(paths.home, 'postgres');
  const folder = canEnter(paths.home, user) ? inside : join(SHARED, homeHash(paths));
  writeFileSync(`${paths.placementFile}.new`, `${JSON.stringify({ folder, home: paths.home })}\n`, { mode: 0o600 });
  renameSync(`${paths.placementFile}.new`, paths.placementFile);
  return folder;
}

function own(folder: string, user: SystemUser): void {
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    chownSync(folder, user.uid, user.gid);
  } catch (cause) {
    throw new RuntimeProblem(
      'database-folder',
      `无法建立数据库目录 ${folder}：${messageOf(cause)}。请以普通用户运行，或设置 DATABASE_URL。`,
      `The database's folder ${folder} cannot be made. Run as an ordinary user, or set DATABASE_URL.`,
      { cause },
    );
  }
}

/** Asked of the system itself, as that user, so that modes, groups and mounts all count. */
function canEnter(folder: string, user: SystemUser): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', uid: user.uid, gid: user.gid }).status === 0;
}

function canRun(binaries: Binaries, user: SystemUser): boolean {
  const program = join(binaries.native, 'bin', 'postgres');
  return spawnSync(program, ['--version'], { cwd: '/', uid: user.uid, gid: user.gid }).status === 0;
}

/** One copy per version, shared by all checkouts of root; renamed into place whole. */
function copyBinaries(packaged: Binaries, user: SystemUser): Binaries {
  const target = join(SHARED, 'bin', packaged.version);
  const copied = { ...packaged, native: target };
  if (!existsSync(target)) {
    const aside = `${target}.${process.pid}`;
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
    cpSync(packaged.native, aside, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(aside, target);
    } catch {
      // Another checkout was faster.
      rmSync(aside, { recursive: true, force: true });
    }
  }
  if (!canRun(copied, user)) {
    throw new RuntimeProblem(
      'database-programs',
      `用户 ${user.name} 无法运行 ${target} 里的 PostgreSQL。请删除该目录后重试，或设置 DATABASE_URL。`,
      `The user ${user.name} cannot run PostgreSQL from ${target}. Delete that folder and try again, or set DATABASE_URL.`,
    );
  }
  return copied;
}
