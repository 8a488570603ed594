/** The language of the page, to be chosen. */
import { Choice } from '../controls/choice.tsx';
import { choose, isLanguage, languages } from '../strings/languages.ts';
import { spokenLanguage, text } from '../strings/text.ts';

const options = Object.entries(languages).map(([value, label]) => ({ value, label }));

export function LanguageChoice() {
  return (
    <Choice
      label={text('language.label')}
      icon="globe"
      options={options}
      value={spokenLanguage()}
      onChange={(value) => {
        if (isLanguage(value)) void choose(value);
      }}
    />
  );
}
