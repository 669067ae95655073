import { z } from 'zod';

/** What an application has one document of each of. */
export const DocumentKind = z.enum(['cv', 'coverLetter']).meta({ id: 'DocumentKind' });
export type DocumentKind = z.infer<typeof DocumentKind>;
