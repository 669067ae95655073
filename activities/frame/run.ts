import { currentStep } from './step.js';

/** Which run the activities of a run count for. */
export interface CountedRun {
  /** The run that was asked, for one that is replayed as another. */
  present: string;
  /** What its events, receipts and cancels go by. */
  counts: string;
}

export interface RunDependencies {
  /** Whether an operator has made this run of a job by a reset. */
  isReset(run: { jobId: string; runId: string }): Promise<boolean>;
}

export const createRunActivities = ({ isReset }: RunDependencies) => ({
  /** A run that continues another counts as that, unless it is the reset of one that did: that is a run of its own. */
  async whichRun({ continues }: { continues: string }): Promise<CountedRun> {
    const { jobId, presentRunId: present } = currentStep();
    return { present, counts: (await isReset({ jobId, runId: present })) ? present : continues };
  },
});
