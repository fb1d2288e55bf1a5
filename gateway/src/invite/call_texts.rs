//! What the page behind an SOS Call's link says beside the words that it shares with the invite's page.

use super::texts::Language;

pub struct CallTexts {
    pub promise: &'static str,
    pub paused_title: &'static str,
    /// `{organisation}` is replaced.
    pub paused: &'static str,
    pub gone_title: &'static str,
    pub gone: &'static str,
}

impl CallTexts {
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::French => &FRENCH,
            Language::Dutch => &DUTCH,
            Language::Spanish => &SPANISH,
            Language::Japanese => &JAPANESE,
        }
    }
}

const ENGLISH: CallTexts = CallTexts {
    promise: "Start the app and say in a few words what you need. You then see your place in the queue, and who will help you.",
    paused_title: "No requests are taken at the moment",
    paused: "{organisation} has paused this support link. Try again later, or reach them another way.",
    gone_title: "This support link is not used any more",
    gone: "Perhaps a part of it is missing: copy it as a whole. Otherwise ask {organisation} for its current link.",
};

const GERMAN: CallTexts = CallTexts {
    promise: "Starten Sie die App und sagen Sie mit ein paar Worten, was Sie brauchen. Dann sehen Sie Ihren Platz in der Warteschlange und wer Ihnen hilft.",
    paused_title: "Zurzeit werden keine Anfragen angenommen",
    paused: "{organisation} hat diesen Support-Link angehalten. Versuchen Sie es später wieder, oder melden Sie sich auf einem anderen Weg.",
    gone_title: "Dieser Support-Link wird nicht mehr verwendet",
    gone: "Vielleicht fehlt ein Teil: Kopieren Sie ihn ganz. Sonst fragen Sie {organisation} nach dem aktuellen Link.",
};

const FRENCH: CallTexts = CallTexts {
    promise: "Démarrez l’application et dites en quelques mots ce dont vous avez besoin. Vous voyez ensuite votre place dans la file et qui vous aide.",
    paused_title: "Aucune demande n’est acceptée pour l’instant",
    paused: "{organisation} a suspendu ce lien d’assistance. Réessayez plus tard ou contactez-la autrement.",
    gone_title: "Ce lien d’assistance n’est plus utilisé",
    gone: "Il en manque peut-être une partie : copiez-le en entier. Sinon, demandez à {organisation} son lien actuel.",
};

const DUTCH: CallTexts = CallTexts {
    promise: "Start de app en zeg in een paar woorden wat u nodig hebt. Daarna ziet u uw plaats in de wachtrij en wie u helpt.",
    paused_title: "Op dit moment worden geen aanvragen aangenomen",
    paused: "{organisation} heeft deze hulplink gepauzeerd. Probeer het later opnieuw of neem op een andere manier contact op.",
    gone_title: "Deze hulplink wordt niet meer gebruikt",
    gone: "Misschien ontbreekt er een deel: kopieer hem helemaal. Vraag anders {organisation} naar de huidige link.",
};

const SPANISH: CallTexts = CallTexts {
    promise: "Inicie la aplicación y diga en pocas palabras qué necesita. Después verá su lugar en la cola y quién le ayuda.",
    paused_title: "Por ahora no se aceptan solicitudes",
    paused: "{organisation} ha pausado este enlace de asistencia. Inténtelo más tarde o póngase en contacto de otra manera.",
    gone_title: "Este enlace de asistencia ya no se usa",
    gone: "Quizá falte una parte: cópielo entero. Si no, pida a {organisation} su enlace actual.",
};

const JAPANESE: CallTexts = CallTexts {
    promise: "アプリを起動し、お困りの内容を簡単にお書きください。その後、順番と担当者が表示されます。",
    paused_title: "現在、依頼は受け付けていません",
    paused: "{organisation} はこのサポートのリンクを一時停止しています。後でもう一度試すか、別の方法でご連絡ください。",
    gone_title: "このサポートのリンクは使われていません",
    gone: "一部が欠けているかもしれません。全体をコピーしてください。それでも開けない場合は {organisation} に現在のリンクをお尋ねください。",
};
