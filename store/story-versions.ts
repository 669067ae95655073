import { sql } from 'kysely';
import type { StoryParts } from '../job-types/fields/story.js';
import type { Database } from './database.js';
import { toJsonb } from './jsonb.js';
import { storyStatus } from './stories.js';

export interface StoryEdit {
  storyId: string;
  owner: string;
  /** Public id of the API key; null without keys. */
  by: string | null;
  /** The version that was seen; whatever there is when left out. */
  basedOn?: number | undefined;
  /** Stays as it is when left out, as do the parts that are not named. */
  title?: string | undefined;
  parts: StoryParts;
}

export interface StoryVersion {
  version: number;
  title: string;
  /** What planned it; null for a person. */
  provider: string | null;
  jobId: string | null;
  writtenBy: string | null;
  createdAt: string;
}

/** A story has the version that its job wrote, and one for each edit. */
export function createStoryVersions(db: Database) {
  return {
    /**
     * Adds what a person has written as a version.
     * @returns the version, or the latest one when it is not the one that was seen. "writing" while a job writes the story,
     * null for no such story.
     */
    async edit({
      storyId,
      owner,
      by,
      basedOn,
      title,
      parts,
    }: StoryEdit): Promise<{ version: number } | { stale: number } | 'writing' | null> {
      return db.transaction().execute(async (trx) => {
        const { rows } = await sql<{
          latest: number;
          title: string;
          parts: StoryParts | null;
          status: string;
        }>`
          select s.version as latest, coalesce(v.title, s.title) as title, v.parts, ${storyStatus} as status
          from stories as s left join story_versions as v on v.story_id = s.id and v.version = s.version
          where s.id = ${storyId} and s.owner = ${owner}
          for update of s`.execute(trx);
        const [story] = rows;
        if (!story) return null;
        if (story.status === 'writing') return 'writing';
        if (basedOn !== undefined && basedOn !== story.latest) return { stale: story.latest };
        const version = story.latest + 1;
        await trx.updateTable('stories').set({ version }).where('id', '=', storyId).execute();
        await trx
          .insertInto('story_versions')
          .values({
            ...{ story_id: storyId, version, written_by: by },
            title: title ?? story.title,
            parts: toJsonb({ ...story.parts, ...parts }),
          })
          .execute();
        return { version };
      });
    },

    /** The latest first. */
    async list({
      storyId,
      before,
      limit,
    }: {
      storyId: string;
      /** Smaller ones, for the next page. */
      before?: number | undefined;
      limit: number;
    }): Promise<StoryVersion[]> {
      const { rows } = await sql<Omit<StoryVersion, 'createdAt'> & { createdAt: Date }>`
        select version, title, provider, "jobId", "writtenBy", "createdAt" from (
          select version, title, null as provider, null as "jobId", written_by as "writtenBy", created_at as "createdAt"
          from story_versions where story_id = ${storyId}
          union all
          select own_version, title, provider, job_id, null, coalesce(finished_at, created_at)
          from stories where id = ${storyId}) as versions
        where version < coalesce(${before ?? null}, 2147483647)
        order by version desc limit ${limit}`.execute(db);
      return rows.map(({ createdAt, ...version }) => ({ ...version, createdAt: createdAt.toISOString() }));
    },
  };
}

export type StoryVersions = ReturnType<typeof createStoryVersions>;
