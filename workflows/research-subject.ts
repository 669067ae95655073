import type { InputOf } from '../job-types/contract/job-type.js';
import { asError } from './frame/failure.js';
import type { JobArgs } from './frame/messages.js';
import { runJob } from './frame/run-job.js';
import { policies } from './policies.js';

type Type = typeof import('../job-types/research-subject.js').researchSubject;

/** Pages that are fetched side by side: they may all be of one site. */
const atOnce = 3;

export const researchSubject = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async ({ subject, text, sources = [], model }, { owner, step, each }) => {
    const fetched = await each('fetch', sources, {
      key: (_, index) => String(index + 1),
      summary: (url) => `Fetch ${url}`,
      run: ({ fetchArticle }, url) => fetchArticle({ url, owner }),
      policy: policies.fetch,
      atOnce,
    });
    const pages = fetched.flatMap(({ value }) => value ?? []);
    const [first] = fetched;
    // Of nothing there is nothing to say.
    if (text === undefined && pages.length === 0 && first?.failure) throw asError(first.failure);
    const made = await step(
      'structure',
      ({ structureResearch }) =>
        structureResearch({ owner, subject, text, textIds: pages.map(({ textId }) => textId), model }),
      {
        policy: policies.model,
        summary: `Put in order what is known of "${subject}"`,
        counts: ({ content }) => `${content.facts.length} facts, ${content.quests.length} quests`,
      },
    );
    const { content, provider, notes } = made;
    const read = pages.map(({ url }) => url);
    const { version } = await step(
      'save',
      ({ saveResearch }) => saveResearch({ owner, subject, content, sources: read, provider, notes }),
      {
        policy: policies.save,
        summary: `Save the research on "${subject}"`,
        effect: true,
        counts: (saved) => `version ${saved.version}`,
      },
    );
    const { title, facts, people, places, quests } = content;
    return {
      subject,
      version,
      title,
      facts: facts.length,
      people: people.length,
      places: places.length,
      quests: quests.length,
      sources: read,
      provider,
      notes,
    };
  });
