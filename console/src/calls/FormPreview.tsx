// What the end user will see of an SOS Call's form, while it is made. Nothing in it can be filled in.
import { Button, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { optionsOf, type CallFields, type EditedField } from "./call-fields";
import classes from "./CallsPage.module.css";

export function FormPreview({ fields }: { fields: CallFields }) {
  const { t } = useTranslation();
  return (
    <section className={classes.preview} aria-label={t("calls.preview")}>
      <h3 className={classes.previewTitle}>{fields.name.trim() || t("calls.name")}</h3>
      <p className={classes.previewHint}>{t("calls.preview")}</p>
      <Stack gap="sm">
        <TextInput label={t("calls.yourName")} readOnly tabIndex={-1} />
        <Textarea label={t("calls.yourIssue")} rows={2} readOnly tabIndex={-1} />
        {fields.fields.map((field) => (
          <Preview key={field.key} field={field} />
        ))}
        <Button fullWidth disabled>
          {t("calls.send")}
        </Button>
      </Stack>
    </section>
  );
}

function Preview({ field }: { field: EditedField }) {
  const { t } = useTranslation();
  const named = field.label.trim() || t("calls.label");
  const label = field.required ? named : t("calls.optional", { label: named });
  if (field.kind === "text") return <TextInput label={label} readOnly tabIndex={-1} />;
  if (field.kind === "long_text") return <Textarea label={label} rows={2} readOnly tabIndex={-1} />;
  return (
    <Radio.Group label={label}>
      <Stack gap={6} mt={4}>
        {optionsOf(field).map((option, index) => (
          <Radio key={`${index}:${option}`} value={option} label={option} disabled tabIndex={-1} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
