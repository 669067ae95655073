export interface FailureRow {
  title: string;
  /** The HTTP status the same fault would have as an answer. */
  status: number;
  /** Whether Temporal tries the step again, within the step's policy. */
  retryable: boolean;
  /** What a person can do about it. */
  advice: string;
}

/** Every way a job can fail. The code is the failure's type in Temporal and the page /problems/<code>. */
export const failures = {
  'address-refused': {
    title: 'Address refused',
    status: 403,
    retryable: false,
    advice: 'Give an address on the public internet, or have the operator list it in FETCH_ALLOW.',
  },
  unreachable: {
    title: 'Server unreachable',
    status: 502,
    retryable: true,
    advice: 'Check the address; the server may be down.',
  },
  'host-not-found': {
    title: 'Host not found',
    status: 502,
    retryable: false,
    advice: 'Check the spelling of the address.',
  },
  'certificate-invalid': {
    title: 'Certificate not valid',
    status: 502,
    retryable: false,
    advice: 'The site has to renew or correct its certificate.',
  },
  'fetch-timed-out': {
    title: 'Page took too long',
    status: 504,
    retryable: true,
    advice: 'Submit again later.',
  },
  'too-many-redirects': {
    title: 'Too many redirects',
    status: 502,
    retryable: false,
    advice:
      'Open the page in a browser and submit the address it ends at; it may need a cookie jar ("browser").',
  },
  'page-not-found': {
    title: 'Page not found',
    status: 404,
    retryable: false,
    advice: 'Check the address.',
  },
  'page-forbidden': {
    title: 'Page refused access',
    status: 403,
    retryable: false,
    advice: 'If the page needs a sign-in, name a configured cookie jar in "browser".',
  },
  'page-refused': {
    title: 'Page could not be fetched',
    status: 502,
    retryable: false,
    advice: 'Open the address in a browser to see what the site answers.',
  },
  'page-unavailable': {
    title: 'Page unavailable for now',
    status: 502,
    retryable: true,
    advice: 'The site is overloaded or broken; submit again later.',
  },
  'page-too-large': {
    title: 'Page too large',
    status: 413,
    retryable: false,
    advice: 'Submit the address of a single article.',
  },
  'unsupported-content': {
    title: 'Not a web page',
    status: 415,
    retryable: false,
    advice: 'Submit the address of an HTML or plain text page.',
  },
  'no-article': {
    title: 'No article in the page',
    status: 422,
    retryable: false,
    advice: 'Submit the address of a single article; a page behind a sign-in needs a cookie jar ("browser").',
  },
  'folder-refused': {
    title: 'Folder cannot be used',
    status: 422,
    retryable: false,
    advice: 'Check the path, and that the workers see the same INPUT_ROOT and OUTPUT_ROOT as the API.',
  },
  'file-unreadable': {
    title: 'File cannot be read',
    status: 422,
    retryable: false,
    advice: 'Check the file, and submit the job again with it in its place.',
  },
  'output-not-written': {
    title: 'File could not be written',
    status: 507,
    retryable: true,
    advice: 'The operator makes room below OUTPUT_ROOT, or lets the workers write there.',
  },
  'language-not-supported': {
    title: 'Language not supported without a model',
    status: 422,
    retryable: false,
    advice: 'Configure a model (MODEL), which is not limited to the languages the rules know.',
  },
  'no-words': {
    title: 'No words found in the text',
    status: 422,
    retryable: false,
    advice: 'Check that the source language is the language of the article.',
  },
  'audio-unreadable': {
    title: 'Audio cannot be read',
    status: 422,
    retryable: false,
    advice: 'Play the file to see whether it is whole, and save it anew as MP3 or WAV.',
  },
  'audio-too-large': {
    title: 'Audio too large for the transcriber',
    status: 413,
    retryable: false,
    advice:
      'The operator sets TRANSCRIBE_MAX_BYTES to what the transcriber takes; longer files are then split.',
  },
  'transcriber-missing': {
    title: 'No transcriber, and no transcript beside the audio',
    status: 422,
    retryable: false,
    advice:
      'The operator sets TRANSCRIBE_BASE_URL; or put a transcript of the same name (.txt, .srt, .vtt) beside the file.',
  },
  'provider-rate-limited': {
    title: 'Model provider asked to slow down',
    status: 429,
    retryable: true,
    advice: 'Nothing to do; raise the limit at the provider if it happens often.',
  },
  'provider-unavailable': {
    title: 'Model provider unavailable',
    status: 502,
    retryable: true,
    advice:
      'Check the status page of the provider, or its address (OPENAI_BASE_URL, PROVIDERS, TRANSCRIBE_BASE_URL).',
  },
  'provider-address-wrong': {
    title: 'No model behind the address of the provider',
    status: 502,
    retryable: false,
    advice:
      'The operator has to correct the address (OPENAI_BASE_URL, ANTHROPIC_BASE_URL, PROVIDERS, TRANSCRIBE_BASE_URL); most end in /v1.',
  },
  'provider-timed-out': {
    title: 'Model provider took too long',
    status: 504,
    retryable: true,
    advice: 'Check the status page of the provider, or ask for less.',
  },
  'answer-cut-off': {
    title: 'Answer was cut off on the way',
    status: 502,
    retryable: true,
    advice: 'Check the connection to the provider.',
  },
  'malformed-answer': {
    title: 'Answer did not have the form asked for',
    status: 502,
    retryable: true,
    advice: 'If it happens often, use another model: small ones do not always keep to a form.',
  },
  'schema-too-costly': {
    title: 'Schema takes too long to check',
    status: 422,
    retryable: false,
    advice: 'Simplify its patterns, or the choices within choices (anyOf, oneOf).',
  },
  'answer-too-long': {
    title: 'Answer hit the length limit of the model',
    status: 502,
    retryable: false,
    advice: 'Ask for less, or use a model that can answer at greater length or has a larger context.',
  },
  'answer-withheld': {
    title: 'Model declined to answer',
    status: 422,
    retryable: false,
    advice: 'Submit another text, or use another model.',
  },
  'provider-key-refused': {
    title: 'Model provider refused the key',
    status: 401,
    retryable: false,
    advice:
      'The operator has to correct the key (OPENAI_API_KEY, ANTHROPIC_API_KEY, TRANSCRIBE_API_KEY, or the one of a name in PROVIDERS).',
  },
  'provider-key-missing': {
    title: 'No key for the model provider',
    status: 401,
    retryable: false,
    advice:
      'The operator has to set the key (OPENAI_API_KEY, ANTHROPIC_API_KEY, TRANSCRIBE_API_KEY, or the one of a name in PROVIDERS).',
  },
  'model-not-found': {
    title: 'Model unknown to the provider',
    status: 404,
    retryable: false,
    advice: 'Name another model, or correct MODEL or MODELS.',
  },
  'context-too-long': {
    title: 'Text too long for the model',
    status: 413,
    retryable: false,
    advice: 'Submit a shorter text, or use a model with a larger context.',
  },
  'quota-exhausted': {
    title: 'Quota at the model provider exhausted',
    status: 402,
    retryable: false,
    advice: 'Raise the quota at the provider, then retry the job.',
  },
  'provider-refused': {
    title: 'Model provider refused the request',
    status: 502,
    retryable: false,
    advice: 'The detail is what the provider said.',
  },
  'storage-unavailable': {
    title: 'Database unavailable',
    status: 503,
    retryable: true,
    advice: 'The operator has to bring the database back.',
  },
  'storage-full': {
    title: 'No room left in the database',
    status: 503,
    retryable: true,
    advice: 'The operator has to make room on the disk of the database.',
  },
  'storage-refused': {
    title: 'Database refused the data',
    status: 500,
    retryable: false,
    advice: 'This is a fault in Longhaul; report it with the link to the run.',
  },
  'result-missing': {
    title: 'A stored intermediate result is gone',
    status: 500,
    retryable: false,
    advice: 'Submit the job again.',
  },
  'file-gone': {
    title: 'File is gone',
    status: 410,
    retryable: false,
    advice: 'Upload the file again and submit another job with it.',
  },
  'file-beyond-limit': {
    title: 'File is too large for the step',
    status: 413,
    retryable: false,
    advice: 'Submit a smaller file, or split it into several.',
  },
  'no-plan': {
    title: 'No plan for what was asked',
    status: 422,
    retryable: false,
    advice:
      'Say it in other words, such as "extract the columns name and email", or give the steps; a model (MODEL) understands more.',
  },
  'workbook-empty': {
    title: 'File holds no table',
    status: 422,
    retryable: false,
    advice: 'Upload a file whose first row names its columns.',
  },
  'workbook-damaged': {
    title: 'File is damaged',
    status: 422,
    retryable: false,
    advice: 'Open it in the program that made it, save it again, and upload that.',
  },
  'workbook-locked': {
    title: 'Workbook is locked with a password',
    status: 422,
    retryable: false,
    advice: 'Remove the password in the program that made it, and upload it again.',
  },
  'workbook-old': {
    title: 'Workbook is of an old format',
    status: 415,
    retryable: false,
    advice: 'Open it in Excel or LibreOffice, save it as an Excel workbook (.xlsx), and upload that.',
  },
  'workbook-mislabelled': {
    title: 'File is not what its name says',
    status: 415,
    retryable: false,
    advice: 'Give it the ending of what it is, or save it anew as .xlsx or .csv, and upload it again.',
  },
  'table-unsupported': {
    title: 'File is no table that is read',
    status: 415,
    retryable: false,
    advice: 'Give a workbook (.xlsx), a CSV file (.csv) or a list of objects (.json).',
  },
  'column-missing': {
    title: 'Column is not in the file',
    status: 422,
    retryable: false,
    advice: 'Name a column as the first row of the file has it.',
  },
  'operation-refused': {
    title: 'Operation cannot be done with the file',
    status: 422,
    retryable: false,
    advice: 'Change the arguments of the step, and confirm the plan again.',
  },
  'disk-full': {
    title: 'No room left on the disk',
    status: 507,
    retryable: true,
    advice: 'The operator has to make room on the disk of the worker.',
  },
  'step-timed-out': {
    title: 'Step ran out of time',
    status: 504,
    retryable: false,
    advice: 'The last failure of the step says what held it up; submit again when that is mended.',
  },
  'worker-lost': {
    title: 'Worker stopped answering',
    status: 503,
    retryable: true,
    advice: 'Another worker takes over while the step has time; after that, retry the job.',
  },
  'job-timed-out': {
    title: 'Job ran out of time',
    status: 504,
    retryable: false,
    advice: 'Retry the job, which keeps the steps that are done, or submit it with a longer "timeout".',
  },
  'input-timed-out': {
    title: 'Nobody answered in time',
    status: 504,
    retryable: false,
    advice: 'What was to be decided on is in the output; retry the job to be asked again.',
  },
  'budget-exceeded': {
    title: 'Budget used up',
    status: 402,
    retryable: false,
    advice:
      'Retry the job, which has its budget anew and keeps the steps that are done, or submit it with a larger "budget".',
  },
  'owner-budget-exceeded': {
    title: 'Budget of the owner used up',
    status: 402,
    retryable: false,
    advice:
      'Retry the job when the day or month is over, or have the operator raise OWNER_BUDGET_USD_DAY or OWNER_BUDGET_USD_MONTH.',
  },
  'price-unknown': {
    title: 'No known price for the model',
    status: 422,
    retryable: false,
    advice:
      'The operator sets one in MODEL_PRICES, as provider/model=input/output in US dollars for a million tokens (0/0 for a model that costs nothing).',
  },
  'conversation-deleted': { title: 'Chat deleted', status: 410, retryable: false, advice: 'Begin another.' },
  'story-deleted': {
    title: 'Story was deleted while it was written',
    status: 410,
    retryable: false,
    advice: 'Submit the job again for another story.',
  },
  'internal-error': {
    title: 'Unexpected error',
    status: 500,
    retryable: true,
    advice: 'This is a fault in Longhaul; report it with the link to the run.',
  },
  'workflow-error': {
    title: 'Error in the workflow code',
    status: 500,
    retryable: false,
    advice: 'This is a fault in Longhaul; report it with the link to the run.',
  },
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;
