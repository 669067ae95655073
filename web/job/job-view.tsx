import { useQuery } from '@tanstack/react-query';
import { jobQuery, jobTypesQuery } from '../api/queries.js';
import { Decisions } from '../decide/decisions.js';
import { useNameInAddress } from '../shared/address.js';
import { Empty, Loading } from '../shared/empty.js';
import { useNow } from '../shared/now.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { words } from '../shared/shown.js';
import { TypedValueView } from '../shared/value-view.js';
import { place, tryOf, why } from '../shared/why.js';
import { Attempts } from './attempts.js';
import { Calls } from './calls.js';
import { CancelLine } from './cancel-line.js';
import { Items } from './items.js';
import { JobActions } from './job-actions.js';
import { JobHead } from './job-head.js';
import { Raw } from './raw.js';
import { Said } from './said.js';
import { TimeLine } from './time-line.js';
import { LookAgain } from './look-again.js';
import { useStory } from './use-story.js';

/** One job: where it is and why, what it costs, what it says, and what came of it. */
export function JobView() {
  const id = useNameInAddress('id');
  const { story, connection, error: failure, again } = useStory(id);
  // What was done here to the job is in the cache at once.
  const { data: job } = useQuery({ ...jobQuery(id), enabled: false });
  const { data: types } = useQuery(jobTypesQuery);
  const now = useNow();
  const far = job?.status === 'running' ? ` ${job.progress.percent} %` : '';
  usePageTitle(job ? `${words(job.status)}${far}, ${words(job.type)}` : 'Job');
  if (!job && failure) {
    if (failure.status === 404) return <Empty title="There is no job with this address" />;
    return (
      <ProblemNote failure={failure}>
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      </ProblemNote>
    );
  }
  if (!job) return <Loading what="the job" lines={6} />;
  const type = types?.find(({ name }) => name === job.type);
  const title = type?.title ?? words(job.type);
  const reason = why(job, { now, behind: story.behind });
  return (
    <article className="job">
      <JobHead
        job={job}
        title={title}
        reason={reason}
        behind={story.behind}
        place={job.done ? '' : `${place(job)}${tryOf(job)}`}
        now={now}
      >
        <JobActions key={job.id} job={job} />
      </JobHead>
      {connection === 'live' && !job.done && <LookAgain key={story.seq} look={again} />}
      {connection === 'lost' && !job.done && (
        <p className="note" role="status">
          The connection is lost. The job goes on, and this page continues where it was.
        </p>
      )}
      <Decisions key={`decisions ${job.id}`} job={job} />
      {job.failure && <ProblemNote failure={job.failure} />}
      <CancelLine job={job} />
      <TimeLine job={job} story={story} now={now} />
      <Attempts tries={story.tries} steps={job.steps} now={now} />
      {job.result !== null && (
        <section className="panel" aria-labelledby="result">
          <h2 id="result">Result</h2>
          <TypedValueView value={job.result} schema={type?.result} />
        </section>
      )}
      <Said job={job} passages={story.passages} thought={story.thought} />
      <Items job={job} />
      <Calls job={job} />
      <Raw job={job} />
    </article>
  );
}
