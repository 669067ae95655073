import { config } from 'zod';

/** The page's policy allows no eval, and zod tries it where it is not told so. Stands in front of every schema. */
config({ jitless: true });
