import type { Failure } from '../../job-types/contract/failure.js';
import type { ItemsState, JobSnapshot, StepState } from '../../job-types/contract/outcome.js';
import { showDetails } from './current-details.js';

/** One of the things a step is done for. */
export interface Item {
  /** Unique in the step, which does each of its items once. Some 200 characters at most: it is a part of ids. */
  key: string;
  /** How many items there are. Left out as long as nobody knows. */
  of?: number;
  /** It is done once more, to be better, under a key of its own. It counts as no further item, however it ends. */
  again?: true;
}

/** What is kept of failed items and of notes, so that a snapshot stays small with a thousand items. */
const most = { failures: 5, notes: 20 };

/** How a step, or an item of it, came out. */
export interface StepEnd {
  status: 'succeeded' | 'failed' | 'cancelled';
  failure?: Failure;
  /** What a person should know. */
  notes?: readonly string[];
}

export interface StepRecord {
  end(end: StepEnd): void;
  /** What it did, in numbers; of a step with items, their number says it. */
  count(counts: string): void;
}

/** Records in the snapshot how a step goes: one entry a name, however many items it has. */
export function recordStep(snapshot: JobSnapshot, { name, item }: { name: string; item?: Item }): StepRecord {
  const state = item ? entryWithItems(snapshot, { name, item }) : newEntry(snapshot, name);
  showDetails(snapshot, 'running');
  return {
    end({ status, failure, notes }) {
      if (state.items && item?.again && status !== 'cancelled') endAgain(state, state.items);
      else if (state.items)
        endItem(state, { ...state.items, end: { status, ...(failure ? { failure } : {}) } });
      else state.status = status;
      state.finishedAt = state.status === 'running' ? null : now();
      if (failure && !state.items) state.failure = failure;
      if (notes) state.notes = state.items ? together(state.notes, notes) : [...notes];
      showDetails(snapshot, 'running');
    },
    count(counts) {
      if (state.items) return;
      state.counts = counts;
      showDetails(snapshot, 'running');
    },
  };
}

/** A job that succeeds has done with all of its items: those that were not begun are missing, and not under way. */
export function closeItems({ steps }: JobSnapshot): void {
  for (const step of steps) {
    if (!step.items || step.status !== 'running') continue;
    step.status = endOf(step.items);
    step.finishedAt = now();
  }
}

/** Whether a step is under way. */
export const isAtWork = ({ steps }: JobSnapshot): boolean =>
  steps.some(({ status, items }) => (items ? items.running > 0 : status === 'running'));

function newEntry(snapshot: JobSnapshot, name: string): StepState {
  const state: StepState = {
    name,
    status: 'running',
    startedAt: now(),
    finishedAt: null,
    failure: null,
    notes: [],
    counts: null,
  };
  const place = snapshot.steps.findIndex((step) => step.name === name);
  if (place === -1) snapshot.steps.push(state);
  else snapshot.steps[place] = state;
  return state;
}

function entryWithItems(snapshot: JobSnapshot, { name, item }: { name: string; item: Item }): StepState {
  const known = snapshot.steps.find((step) => step.name === name);
  const state = known?.items ? known : newEntry(snapshot, name);
  const items: ItemsState = state.items ?? { done: 0, failed: 0, running: 0, total: null, failures: [] };
  state.items = { ...items, running: items.running + 1, total: item.of ?? items.total };
  state.status = 'running';
  state.finishedAt = null;
  return state;
}

function endItem(state: StepState, { end, ...items }: ItemsState & { end: StepEnd }): void {
  const { status, failure } = end;
  items.running -= 1;
  if (status === 'succeeded') items.done += 1;
  if (status === 'failed') items.failed += 1;
  if (failure) {
    state.failure = failure;
    items.failures = [...items.failures, failure].slice(0, most.failures);
  }
  state.items = items;
  const ended = items.done + items.failed;
  state.counts = `${ended}${items.total === null ? '' : ` of ${items.total}`}${items.failed > 0 ? `, ${items.failed} failed` : ''}`;
  if (status === 'cancelled') state.status = 'cancelled';
  else if (items.running === 0 && ended >= (items.total ?? 0)) state.status = endOf(items);
}

function endAgain(state: StepState, { running, ...items }: ItemsState): void {
  state.items = { ...items, running: running - 1 };
  if (running === 1 && items.done + items.failed >= (items.total ?? 0)) state.status = endOf(items);
}

const endOf = ({ done, failed }: Pick<ItemsState, 'done' | 'failed'>): StepState['status'] =>
  failed > 0 && done === 0 ? 'failed' : 'succeeded';

/** What several items say alike is said once. */
const together = (notes: readonly string[], more: readonly string[]): string[] =>
  [...new Set([...notes, ...more])].slice(0, most.notes);

const now = (): string => new Date().toISOString();
