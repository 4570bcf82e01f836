// Compares a package's public API with the report in etc/<package>.api.md. Run in the package's folder after a build.
//
//   node ../../scripts/api-check.ts [--update]

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const folder = process.cwd();
const isUpdate = process.argv.includes('--update');
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

mkdirSync(join(folder, 'etc'), { recursive: true });
let isSame = true;
const entries: Record<string, string | { types: string }> = manifest.exports;
for (const [subpath, entry] of Object.entries(entries)) {
  if (typeof entry === 'string') continue;
  const suffix = subpath === '.' ? '' : `-${subpath.slice(2)}`;
  if (!compare(join(folder, entry.types), `${basename(folder)}${suffix}`)) isSame = false;
}
process.exit(isSame ? 0 : 1);

/** @returns whether the report is what the types say, or has been made so */
function compare(types: string, name: string): boolean {
  const report = join(folder, 'etc', `${name}.api.md`);
  const isNew = !existsSync(report);
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    packageJson: manifest,
    projectFolderLookupToken: folder,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'nodenext',
            moduleResolution: 'nodenext',
            lib: ['es2022', 'esnext.disposable'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
            allowImportingTsExtensions: true,
            noEmit: true,
          },
          include: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(folder, 'etc'),
        reportTempFolder: join(folder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const result = Extractor.invoke(config, {
    localBuild: isUpdate || (isNew && process.env['CI'] === undefined),
    showVerboseMessages: false,
    messageCallback: (message) => {
      // What it says of its bundled compiler concerns nobody who reads the report.
      if (message.messageId === 'console-compiler-version-notice') message.handled = true;
    },
  });
  if (result.apiReportChanged && !isUpdate)
    console.error(
      `The public API of ${name} is not what etc/${name}.api.md says: run "pnpm api:update" and commit the report`,
    );
  return result.succeeded;
}
