import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type OpenApiDocument, type Operation, responseOf } from './openapi-document.js';

export interface ReceivedAnswer {
  status: number;
  contentType: string | null;
  body: string;
}

/** The only server error that is part of the contract: something the API stands on is away. */
const unavailable = 503;

/** A function that says what is wrong with an answer, by the document; null when it keeps what the document promises. */
export function answerCheck(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'openapi' });
  const escape = (part: string): string =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

  return function complaint(
    answer: ReceivedAnswer,
    { path, method, operation }: { path: string; method: string; operation: Operation },
  ): string | null {
    const { status, contentType, body } = answer;
    if (status >= 500 && status !== unavailable) return `a server error: ${body}`;
    const promised = responseOf(document, operation, status);
    if (!promised) return `${status} is not documented: ${body}`;
    const content = promised.content ?? {};
    const type = contentType?.split(';')[0] ?? '';
    if (Object.keys(content).length === 0)
      return body === '' ? null : `${status} is documented without a body: ${body}`;
    // A file is of any type.
    if (content['*/*'] && !content[type]) return null;
    if (!content[type])
      return `${status} comes as "${type}", not as ${Object.keys(content).join(' or ')}: ${body}`;
    if (!type.endsWith('json')) return null;
    const shared = operation.responses[status]?.$ref?.split('/').slice(1);
    const place = shared ?? ['paths', path, method, 'responses', String(status)];
    const pointer = [...place, 'content', type, 'schema'].map(escape).join('/');
    const validate = ajv.getSchema(`openapi#/${pointer}`);
    if (!validate) return `no schema at ${pointer}`;
    return validate(JSON.parse(body)) ? null : `${ajv.errorsText(validate.errors)} in ${body}`;
  };
}
