import { parentPort, workerData } from 'node:worker_threads';
import type { LayoutTask } from './lay-out.js';
import { toDocx } from './to-docx.js';
import { toPdf } from './to-pdf.js';

const { format, markdown, title } = workerData as LayoutTask;
const make = { docx: toDocx, pdf: toPdf }[format];
parentPort?.postMessage(await make(markdown, { title }));
