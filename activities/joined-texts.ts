import type { ServiceText } from '../job-types/contract/service.js';
import type { Texts } from '../store/texts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep, runFor } from './frame/step.js';
import type { StepFiles } from './providers/files.js';

/** What is told of one file of many: a sentence, or a text that is stored. */
export type EndedText = Pick<ServiceText, 'title' | 'subtitle'> & ({ value: string } | { textId: string });

export interface JoinedTexts {
  texts: ServiceText[];
  /** Id of the file that has all of them whole; left out where they are whole here. */
  textsFile?: string;
  notes: string[];
}

export interface TextShelves {
  texts: Pick<Texts, 'read' | 'readAll' | 'lengths'>;
  files: Pick<StepFiles, 'write'>;
}

export interface Joining {
  /** Absent in tasks of a version that did not name one: the step knows its own then. */
  owner: string | undefined;
  /** Of the file, without its ending. */
  name: string;
  limits?: Limits;
}

interface Limits {
  /** Characters of all texts of a result together: a job is read again and again, and goes through its history. */
  shown: number;
  /** Bytes of the file. So much are 4,000 hours of speech. */
  file: number;
}

const usualLimits: Limits = { shown: 1_000_000, file: 200_000_000 };

/** Characters that are shown of a text in any case. */
const leastShown = 50;

/**
 * The texts of many files in their order. Those that are too long for a result stand whole in a file, and the result has
 * the beginning of each. No more than one of them is in memory then.
 * @throws {StepFailure} result-missing, for one that is gone
 */
export async function joinedTexts(
  ends: readonly EndedText[],
  { texts, files }: TextShelves,
  { owner, name, limits = usualLimits }: Joining,
): Promise<JoinedTexts> {
  const ids = ends.flatMap((end) => ('textId' in end ? [end.textId] : []));
  const lengths = await texts.lengths(ids);
  for (const end of ends) if ('textId' in end && !lengths.has(end.textId)) throw gone(end);
  const all = [...lengths.values()].reduce((sum, length) => sum + length, 0);
  if (all <= limits.shown) {
    const bodies = await texts.readAll(ids);
    const whole = ends.map((end) => textOf(end, 'textId' in end ? bodies.get(end.textId) : end.value));
    return { texts: whole, notes: [] };
  }
  const longest = Math.max(leastShown, Math.floor(limits.shown / 2 / ends.length));
  const shown: ServiceText[] = [];
  let left = 0;
  async function* content(): AsyncGenerator<Uint8Array> {
    const { progress } = currentStep();
    let size = 0;
    for (const [index, end] of ends.entries()) {
      if (index % 50 === 0) progress({ done: index, total: ends.length });
      const isStored = 'textId' in end;
      const text = textOf(end, isStored ? await texts.read(end.textId) : end.value);
      const short = isStored ? beginningOf(text, longest) : text;
      shown.push(short);
      let piece = entryOf(text, index);
      if (isStored && size + piece.length > limits.file) {
        left += 1;
        piece = entryOf(short, index);
      }
      size += piece.length;
      yield piece;
    }
    yield Buffer.from(']\n');
  }
  const write = () =>
    files.write({ name: `${name}.json`, mediaType: 'application/json', as: 'texts', bytes: content() });
  const file = await (owner === undefined ? write() : runFor(owner, write));
  const notes = ['The texts stand whole in the file that textsFile names; here is the beginning of each.'];
  if (left > 0) {
    notes.push(
      `The file holds ${limits.file / 1_000_000} MB at most: of ${left} texts it has the beginning.`,
    );
  }
  return { texts: shown, textsFile: file.id, notes };
}

const entryOf = (text: ServiceText, index: number): Buffer =>
  Buffer.from(`${index === 0 ? '[' : ',\n'}${JSON.stringify(text)}`);

function textOf(end: EndedText, value: string | null | undefined): ServiceText {
  if (value === undefined || value === null) throw gone(end);
  return { title: end.title, value, subtitle: end.subtitle };
}

function beginningOf(text: ServiceText, longest: number): ServiceText {
  if (text.value.length <= longest) return text;
  return { ...text, value: `${text.value.slice(0, longest).toWellFormed()}…` };
}

const gone = ({ title }: EndedText) => new StepFailure('result-missing', `The text of "${title}" is gone.`);
