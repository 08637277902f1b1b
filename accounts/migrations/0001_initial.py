import django.db.models.deletion
import django.db.models.functions.text
import ledger.models
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=200, unique=True, verbose_name='name')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(help_text='As you want to be addressed.', max_length=150, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('is_staff', models.BooleanField(default=False, editable=False)),
                ('date_joined', models.DateTimeField(auto_now_add=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_person_per_email_address', violation_error_message='Somebody with this e-mail address is already here.')],
            },
        ),
        migrations.CreateModel(
            name='Accommodation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField(editable=False, verbose_name='recorded at')),
                ('chain', models.CharField(editable=False, max_length=80)),
                ('sequence', models.PositiveIntegerField(editable=False)),
                ('previous', models.CharField(editable=False, max_length=64)),
                ('hash', models.CharField(editable=False, max_length=64)),
                ('salt', models.CharField(default=ledger.models.new_salt, editable=False, max_length=32)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accommodations', to=settings.AUTH_USER_MODEL)),
                ('time_factor', models.DecimalField(decimal_places=2, default=Decimal('1'), max_digits=3, verbose_name='time, times')),
                ('break_minutes', models.PositiveSmallIntegerField(default=0, verbose_name='minutes of break')),
                ('larger_type', models.BooleanField(default=False, verbose_name='larger type')),
                ('need', models.TextField(blank=True, help_text='For the invigilator: a reader, a separate room. No diagnosis.', verbose_name='what else is needed')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(models.F('chain'), models.F('sequence'), name='accounts_accommodation_is_one_chain'), models.CheckConstraint(condition=models.Q(('time_factor__gte', 1), ('time_factor__lte', 3)), name='an_accommodation_gives_time_and_takes_none')],
            },
        ),
        migrations.CreateModel(
            name='ConflictDeclaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField(editable=False, verbose_name='recorded at')),
                ('chain', models.CharField(editable=False, max_length=80)),
                ('sequence', models.PositiveIntegerField(editable=False)),
                ('previous', models.CharField(editable=False, max_length=64)),
                ('hash', models.CharField(editable=False, max_length=64)),
                ('salt', models.CharField(default=ledger.models.new_salt, editable=False, max_length=32)),
                ('examiner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts_as_examiner', to=settings.AUTH_USER_MODEL)),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts_as_candidate', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('family', 'Family or partner'), ('employer', 'Same employer'), ('client', 'Prior client or therapist'), ('objection', "Candidate's objection"), ('other', 'Other')], max_length=20)),
                ('note', models.TextField(blank=True)),
                ('until', models.DateField(blank=True, null=True)),
                ('declared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(models.F('chain'), models.F('sequence'), name='accounts_conflictdeclaration_is_one_chain'), models.CheckConstraint(condition=models.Q(('examiner', models.F('candidate')), _negated=True), name='a_tie_is_between_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('name', models.CharField(max_length=150, verbose_name='name')),
                ('roles', models.JSONField(default=list)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-invited_at'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(max_length=40)),
                ('reference', models.CharField(help_text='what it is about; the same kind and reference is sent once', max_length=80)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('url', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['created_at'], name='notices_to_send'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['recipient'], name='notices_to_read')],
                'constraints': [models.UniqueConstraint(fields=('recipient', 'kind', 'reference'), name='the_same_notice_is_sent_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.organisation')),
                ('position', models.CharField(blank=True, max_length=100, verbose_name='position')),
                ('began_on', models.DateField(verbose_name='since')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('began_on')), _connector='OR'), name='a_membership_ends_after_it_began', violation_error_message='A membership ends on the day it begins or later.')],
            },
        ),
        migrations.CreateModel(
            name='TeachingRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField(editable=False, verbose_name='recorded at')),
                ('chain', models.CharField(editable=False, max_length=80)),
                ('sequence', models.PositiveIntegerField(editable=False)),
                ('previous', models.CharField(editable=False, max_length=64)),
                ('hash', models.CharField(editable=False, max_length=64)),
                ('salt', models.CharField(default=ledger.models.new_salt, editable=False, max_length=32)),
                ('teacher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teaching_given', to=settings.AUTH_USER_MODEL)),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='teaching_received', to=settings.AUTH_USER_MODEL)),
                ('subject', models.CharField(max_length=200)),
                ('taught_on', models.DateField()),
                ('minutes', models.PositiveIntegerField(blank=True, null=True)),
                ('source', models.UUIDField(blank=True, help_text='uuid of the cohort, sheet or session it comes from', null=True)),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'abstract': False,
                'indexes': [models.Index(fields=['learner', 'teacher', 'taught_on'], name='accounts_te_learner_2e6309_idx')],
                'constraints': [models.UniqueConstraint(models.F('chain'), models.F('sequence'), name='accounts_teachingrecord_is_one_chain')],
            },
        ),
    ]
