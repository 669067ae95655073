import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../../store/database.js';
import { administer } from './database.js';

export interface SmallDisk {
  /** As an operator would: from then on there is much. */
  makeRoom(): Promise<void>;
  /** To be called when the database is gone. */
  clear(): Promise<void>;
}

/** Bytes that there is room for. */
const room = 8 * 1024 * 1024;

/**
 * Gives the bytes of files a disk of 8 MiB. Where this process may mount one, PostgreSQL itself finds it full. Elsewhere
 * a trigger says what PostgreSQL would.
 */
export async function onSmallDisk(db: Database): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${room},mode=711`, 'tmpfs', folder]);
  const clear = () => rm(folder, { recursive: true, force: true });
  if (mounted.status !== 0) {
    await say53100(db);
    const makeRoom = async () => {
      await sql`drop trigger full_disk on file_chunks`.execute(db);
    };
    return { makeRoom, clear };
  }
  const unmount = async () => {
    // PostgreSQL may have a file of it open for a moment yet.
    spawnSync('umount', ['-l', folder]);
    await clear();
  };
  const space = `small_${randomUUID().replaceAll('-', '')}`;
  try {
    await moveFiles(db, { folder, space });
  } catch (error) {
    await unmount();
    throw error;
  }
  return {
    async makeRoom() {
      spawnSync('mount', ['-o', 'remount,size=256m', folder]);
    },
    async clear() {
      try {
        await administer(`drop tablespace if exists ${space}`);
      } finally {
        await unmount();
      }
    },
  };
}

/** @param to.space the name of the tablespace that is made in the folder */
async function moveFiles(db: Database, { folder, space }: { folder: string; space: string }): Promise<void> {
  const { rows } = await sql<{ data: string }>`
    select current_setting('data_directory') as data`.execute(db);
  const { uid, gid } = await stat(rows[0]?.data ?? '');
  const place = join(folder, 'space');
  await mkdir(place, { mode: 0o700 });
  await chown(place, uid, gid);
  await sql`create tablespace ${sql.id(space)} location ${sql.lit(place)}`.execute(db);
  await sql`alter table file_chunks set tablespace ${sql.id(space)}`.execute(db);
}

async function say53100(db: Database): Promise<void> {
  await sql`
    create function full_disk() returns trigger language plpgsql as $$
    begin
      if (select sum(length(bytes)) from file_chunks) > ${sql.lit(room)} then
        raise exception 'could not extend file "base/1/1": No space left on device' using errcode = '53100';
      end if;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger full_disk before insert on file_chunks for each row execute function full_disk()`.execute(
    db,
  );
}
