import type { EventType } from '../../job-types/contract/event.js';
import type { EventWriter } from './event-writer.js';
import { currentStep } from './step.js';

/** What the frame itself tells of a job: no step of it says so. */
export interface OwnEvent {
  /** Unique in the run. */
  key: string;
  type: EventType;
  time: string;
  step?: string;
  /** Of a step that is done for several. */
  item?: string;
  data: Record<string, unknown>;
}

export interface LogDependencies {
  writer: Pick<EventWriter, 'write' | 'flush'>;
}

export const createLogActivities = ({ writer }: LogDependencies) => ({
  /** While the database is away the event waits in this process with those of the steps, and the job goes on. */
  async logEvent({ key, ...event }: OwnEvent): Promise<void> {
    const { jobId, runId } = currentStep();
    writer.write(jobId, { key: `${runId}/${key}`, ...event });
    await writer.flush(jobId);
  },
});
