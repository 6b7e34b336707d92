"""What people type about programmes and applications."""

from incentives.forms.filing import ProjectForm, RepliesForm, StatementForm, UploadForm, WithdrawForm
from incentives.forms.programmes import ProgrammeForm
from incentives.forms.review import AcceptForm, ApproveForm, DeclineForm, FinancialForm, ReturnForm, SubstantiveForm
from incentives.forms.section import SectionForm
from incentives.forms.trial import TrialForm

__all__ = [
    "AcceptForm",
    "ApproveForm",
    "DeclineForm",
    "FinancialForm",
    "ProgrammeForm",
    "ProjectForm",
    "RepliesForm",
    "ReturnForm",
    "SectionForm",
    "StatementForm",
    "SubstantiveForm",
    "TrialForm",
    "UploadForm",
    "WithdrawForm",
]
