// A catalogue from its files: what stands in `frame.json` is asked for as `frame.…`.
export const areas = (files: Record<string, object>): Record<string, object> =>
  Object.fromEntries(Object.entries(files).map(([path, texts]) => [path.replace(/^\.\/|\.json$/g, ""), texts]));
