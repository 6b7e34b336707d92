"""What people type about programmes and applications."""

from incentives.forms.filing import ProjectForm, RepliesForm, StatementForm, UploadForm, WithdrawForm
from incentives.forms.programmes import ProgrammeForm
from incentives.forms.review import AcceptForm, ApproveForm, DeclineForm, ReturnForm

__all__ = [
    "AcceptForm",
    "ApproveForm",
    "DeclineForm",
    "ProgrammeForm",
    "ProjectForm",
    "RepliesForm",
    "ReturnForm",
    "StatementForm",
    "UploadForm",
    "WithdrawForm",
]
