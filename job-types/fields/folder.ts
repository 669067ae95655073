import { z } from 'zod';

/** Bytes that systems take of a path, which has at least as many as characters. */
const longest = 4_096;

/** A folder of the machine that the worker runs on. Whether it is one that may be used is checked at the submit. */
const folder = z
  .string()
  .min(1, 'is empty')
  .max(longest, `has more than ${longest} characters`)
  .refine((path) => path.isWellFormed() && !path.includes('\0'), 'holds what no path can');

export const InputDir = folder.meta({
  title: 'Input folder',
  format: 'folder',
  description: 'A folder below INPUT_ROOT, as an absolute path or from there; links are not followed',
});

export const OutputDir = folder.meta({
  title: 'Output folder',
  format: 'folder',
  description: 'A folder below OUTPUT_ROOT, as an absolute path or from there; made when it is not there yet',
});
