import { extractText, getDocumentProxy } from 'unpdf';
import { StepFailure } from '../../frame/step-failure.js';

/**
 * The text of all pages. Pictures of text have none.
 * @throws {StepFailure} file-unreadable, for what is locked or no PDF
 */
export async function textOfPdf(bytes: Uint8Array): Promise<string> {
  try {
    const { text } = await extractText(await getDocumentProxy(bytes), { mergePages: true });
    return text;
  } catch (error) {
    const { name, message } = error as Error;
    const detail =
      name === 'PasswordException'
        ? 'The PDF is locked with a password.'
        : `The PDF is damaged, or is none: ${message.slice(0, 200)}.`;
    throw new StepFailure('file-unreadable', detail, { cause: error });
  }
}
